export { markdown } from "@codemirror/lang-markdown";
