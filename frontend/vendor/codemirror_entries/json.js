export { json } from "@codemirror/lang-json";
