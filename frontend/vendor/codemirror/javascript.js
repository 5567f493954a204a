import{e as r}from"./chunk-RTUFFHUA.js";import"./chunk-BMQZUWLD.js";import"./chunk-Y52PIMO7.js";import"./chunk-XRNLNV5V.js";import"./chunk-EYDSZGLQ.js";export{r as javascript};
