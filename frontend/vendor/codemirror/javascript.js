import{e as r}from"./chunk-NW45L3YF.js";import"./chunk-3BISG6NP.js";import"./chunk-6SEWEHYM.js";import"./chunk-UTJDMTAR.js";import"./chunk-AG5JHZRW.js";export{r as javascript};
