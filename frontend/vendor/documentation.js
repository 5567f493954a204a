// What the language client gets for "marked", a renderer of Markdown that lets HTML through: here everything is text but
// code, headings, lists and emphasis, so that nothing in somebody's docstring can become markup.

const escaped = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

const inline = (text) =>
  escaped(text)
    .split(/(`+)(.+?)\1/)
    .map((part, index) => {
      if (index % 3 === 1) return "";
      if (index % 3 === 2) return `<code>${part.trim()}</code>`;
      return part.replace(/\*\*(\S(?:.*?\S)?)\*\*/g, "<strong>$1</strong>").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
    })
    .join("");

export class Marked {
  /** walkTokens, as there, colours a token of code. */
  constructor({ walkTokens }) {
    this.walkTokens = walkTokens;
  }

  parse(text) {
    return text.split(/^(?:```|~~~)(.*)$/m).reduce((html, part, index, parts) => {
      if (index % 4 === 0) return html + this.prose(part);
      return index % 4 === 2 ? html + this.code(parts[index - 1], part) : html;
    }, "");
  }

  code(language, text) {
    const token = { type: "code", lang: language.trim(), text: text.replace(/^\n|\n$/g, "") };
    this.walkTokens(token);
    return `<pre><code>${token.escaped ? token.text : escaped(token.text)}</code></pre>`;
  }

  prose(text) {
    const blocks = text.split(/\n\s*\n|^(?:---+|\*\*\*+)$/m).filter((block) => block.trim());
    return blocks.map((block) => this.block(block.trim())).join("");
  }

  block(text) {
    const heading = /^#{1,6} (.*)$/.exec(text);
    if (heading) return `<p><strong>${inline(heading[1])}</strong></p>`;
    if (/^[-*] /.test(text)) return `<ul>${text.split(/^[-*] /m).slice(1).map((item) => `<li>${inline(item)}</li>`).join("")}</ul>`;
    return `<p>${inline(text)}</p>`;
  }
}
