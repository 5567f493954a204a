import{e as r}from"./chunk-47NM3XCW.js";import"./chunk-CFJC7DWZ.js";import"./chunk-5IBUWW4U.js";import"./chunk-73B5QQXZ.js";export{r as javascript};
