import{b as o}from"./chunk-ZCDB5BAV.js";import"./chunk-BMQZUWLD.js";import"./chunk-XRNLNV5V.js";import"./chunk-EYDSZGLQ.js";export{o as css};
