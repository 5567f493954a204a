export { EmacsHandler, emacs } from "@replit/codemirror-emacs";
