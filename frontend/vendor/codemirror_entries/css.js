export { css } from "@codemirror/lang-css";
