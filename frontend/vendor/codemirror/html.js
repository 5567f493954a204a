import{b as m}from"./chunk-Z4JL2C4C.js";import"./chunk-5EDQ2YXF.js";import"./chunk-47NM3XCW.js";import"./chunk-CFJC7DWZ.js";import"./chunk-5IBUWW4U.js";import"./chunk-73B5QQXZ.js";export{m as html};
