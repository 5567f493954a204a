import{b as o}from"./chunk-5EDQ2YXF.js";import"./chunk-CFJC7DWZ.js";import"./chunk-73B5QQXZ.js";export{o as css};
