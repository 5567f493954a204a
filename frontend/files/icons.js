// The pictures beside names: one small set of line drawings. They say nothing that words do not say too.

const SPACE = "http://www.w3.org/2000/svg";
const PAGE = "M4 1.5h5.5L13 5v9.5H4zM9.5 1.5V5H13";
const PATHS = {
  folder: "M1.5 3.5h4.5l1.5 2h7v8h-13z",
  link: "M6.5 9.5l3-3M7 4.5l1.5-1.5a2.8 2.8 0 014 4L11 8.5M9 11.5L7.5 13a2.8 2.8 0 01-4-4L5 7.5",
  python: `${PAGE}M6.8 8L5.3 9.7l1.5 1.7M10.2 8l1.5 1.7-1.5 1.7`,
  page: "M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM1.5 8h13M8 1.5c-4 4-4 9 0 13M8 1.5c4 4 4 9 0 13",
  text: `${PAGE}M6 8h5M6 10h5M6 12h3`,
  table: "M2 3h12v10.5H2zM2 6.5h12M2 10h12M6.5 3v10.5",
  picture: "M2 3h12v10.5H2zM2 11.5l3.5-4 3 3 2-2 3.5 3.5M11 6h.01",
  sound: "M6 12V3.5l7-1.5v8.5M6 12a2 2 0 11-4 0 2 2 0 014 0zM13 10.5a2 2 0 11-4 0 2 2 0 014 0z",
  film: "M2 3h12v10.5H2zM6.5 6v4.5L10.5 8.250z",
  archive: "M2 2.5h12V6H2zM3 6v8h10V6M6.5 8.5h3",
  file: PAGE,
  trash: "M2.5 4h11M6 4V2h4v2M4 4l.7 10h6.600L12 4M6.7 6.5v5M9.3 6.5v5",
  up: "M8 14V3M3.5 7.5L8 3l4.5 4.5",
};
const SAME = { notebook: "table", markdown: "text", pdf: "text", other: "file" };

export function icon(id) {
  const picture = document.createElementNS(SPACE, "svg");
  const line = document.createElementNS(SPACE, "path");
  line.setAttribute("d", PATHS[id] ?? PATHS[SAME[id]] ?? PATHS.file);
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("class", `files-icon files-icon-${id}`);
  picture.setAttribute("aria-hidden", "true");
  picture.append(line);
  return picture;
}
