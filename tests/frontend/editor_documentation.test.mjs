// What a language server says about a name: laid out, and never markup.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Marked } from "../../frontend/vendor/documentation.js";

const shown = (text, walkTokens = () => {}) => new Marked({ walkTokens }).parse(text);

test("code, emphasis, lists and headings", () => {
  assert.equal(
    shown("```python\ndef f(): ...\n```\n---\nThe **mean** of `numbers`.\n\n- one\n- two\n\n# More"),
    "<pre><code>def f(): ...</code></pre><p>The <strong>mean</strong> of <code>numbers</code>.</p>" +
      "<ul><li>one\n</li><li>two</li></ul><p><strong>More</strong></p>",
  );
});

test("the editor colours code", () => {
  const colour = (token) => Object.assign(token, { escaped: true, text: `<span>${token.lang}</span>` });
  assert.equal(shown("```python\nx\n```", colour), "<pre><code><span>python</span></code></pre>");
});

for (const text of [
  "<img src=x onerror=alert(1)>",
  "`<script>`",
  "**<b>**",
  "- <i>",
  "# <u>",
  "```\n</code><script>\n```",
  "```<x>\n&\n```",
  "[name](javascript:alert(1))",
  '"><a href="x">',
]) {
  test(`${JSON.stringify(text)} stays text`, () => {
    assert.doesNotMatch(shown(text), /<(?!\/?(?:p|pre|code|strong|ul|li)>)|javascript:/);
  });
}
