export {
  LSPClient, Workspace, hoverTooltips, jumpToDefinitionKeymap, serverCompletion, signatureHelp,
} from "@codemirror/lsp-client";
