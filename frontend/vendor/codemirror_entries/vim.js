export { Vim, vim } from "@replit/codemirror-vim";
