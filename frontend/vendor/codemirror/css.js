import{b as o}from"./chunk-AS46GIG2.js";import"./chunk-3BISG6NP.js";import"./chunk-UTJDMTAR.js";import"./chunk-AG5JHZRW.js";export{o as css};
