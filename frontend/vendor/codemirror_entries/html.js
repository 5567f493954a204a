export { html } from "@codemirror/lang-html";
