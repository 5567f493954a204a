// The terminal's colours: paper and ink as in site.css, and sixteen colours that can be read on either.

export const THEMES = {
  light: {
    background: "#ffffff", foreground: "#1b1f23", cursor: "#1f5f8b", cursorAccent: "#ffffff",
    selectionBackground: "#bcd9ee", selectionInactiveBackground: "#dbe6ee",
    black: "#1b1f23", red: "#a62222", green: "#1a6b35", yellow: "#7a5200",
    blue: "#1f5f8b", magenta: "#7d2f8f", cyan: "#0f6470", white: "#57606a",
    brightBlack: "#57606a", brightRed: "#c02c2c", brightGreen: "#217a3e", brightYellow: "#8a5d00",
    brightBlue: "#2870a3", brightMagenta: "#9440a8", brightCyan: "#147482", brightWhite: "#2d333a",
  },
  dark: {
    background: "#16191c", foreground: "#e4e6e8", cursor: "#6cb2e0", cursorAccent: "#16191c",
    selectionBackground: "#2f5570", selectionInactiveBackground: "#33414b",
    black: "#363c42", red: "#f28b82", green: "#6fcf8d", yellow: "#e0b354",
    blue: "#6cb2e0", magenta: "#d59be6", cyan: "#6ccbd6", white: "#d4d9de",
    brightBlack: "#a2abb4", brightRed: "#ffa69e", brightGreen: "#8fe0a8", brightYellow: "#f0c874",
    brightBlue: "#90c8ee", brightMagenta: "#e4b5f1", brightCyan: "#8ddde6", brightWhite: "#ffffff",
  },
};
