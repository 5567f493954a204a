// Does a program's output begin with CGI headers? The rules of docs/serving.md, as in cgirunner/headers.py: both are
// tested with tests/cgirunner/outputs. Pure; used by pages.js.

const BLOCK_MAX_BYTES = 32 * 1024;
const NAME_MAX_BYTES = 64;
const STRONG_NAMES = new Set(
  `accept-ranges access-control-allow-credentials access-control-allow-headers access-control-allow-methods
  access-control-allow-origin access-control-expose-headers access-control-max-age cache-control clear-site-data
  content-disposition content-encoding content-language content-length content-location content-range
  content-security-policy content-security-policy-report-only content-type cross-origin-embedder-policy
  cross-origin-opener-policy cross-origin-resource-policy etag keep-alive last-modified permissions-policy
  proxy-authenticate referrer-policy retry-after service-worker-allowed set-cookie strict-transport-security
  transfer-encoding www-authenticate`.split(/\s+/),
);
const WEAK_NAMES = new Set(
  `age allow alt-svc connection date expires link location pragma refresh server status trailer upgrade vary via
  warning`.split(/\s+/),
);
const STRONG_VALUES = {
  status: /^[2-5][0-9]{2}(?:[ \t].*)?$/s,
  location: /^(?:https?:\/\/.*|[./?#]\S*|\S*\/\S*|[^\s.]+\.(?:py|html?)(?:[?#]\S*)?)$/i,
};
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;
const NOT_IN_A_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;

const latin1 = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** {fields: [[name in lower case, value]], bodyStart} of a header block, null for text, undefined while it is open. */
export function sniff(output) {
  const fields = [];
  let start = 0;
  for (;;) {
    const end = output.subarray(0, BLOCK_MAX_BYTES).indexOf(10, start);
    const line = latin1(output.subarray(start, end < 0 ? Math.min(output.length, start + NAME_MAX_BYTES + 1) : end));
    if (end < 0) {
      return output.length >= BLOCK_MAX_BYTES || !mayBeginWithName(line, fields) ? null : undefined;
    }
    const field = line.replace(/\r$/, "");
    start = end + 1;
    if (!field) return fields.some(isSure) ? { fields, bodyStart: start } : null;
    const colon = field.indexOf(":");
    const value = field.slice(colon + 1);
    if (colon < 0 || !mayBeginWithName(field, fields) || NOT_IN_A_VALUE.test(value)) return null;
    fields.push([field.slice(0, colon).toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, "")]);
  }
}

function mayBeginWithName(line, fields) {
  if (line[0] === " " || line[0] === "\t") return false;
  const name = NAME.exec(line)?.[0] ?? "";
  const after = line[name.length];
  if (name.length > NAME_MAX_BYTES || (after !== undefined && after !== ":" && line !== "\r")) return false;
  if (after !== ":") return true;
  const known = name.toLowerCase();
  return STRONG_NAMES.has(known) || WEAK_NAMES.has(known) || /^x-/.test(known);
}

function isSure([name, value]) {
  return STRONG_VALUES[name]?.test(value) ?? STRONG_NAMES.has(name);
}

/** What a browser would make of it: {status, type, body}. */
export function pageOf(output, { fields, bodyStart }) {
  const last = (name) => fields.findLast(([known]) => known === name)?.[1];
  return {
    status: last("status") ?? (last("location") ? `302 Found: ${last("location")}` : ""),
    type: last("content-type") ?? "text/plain",
    body: output.subarray(bodyStart),
  };
}
