// Links in what a program prints, also where a line of it takes several rows. Used by screen.js.

/** What xterm.js asks for: the links on a row, counted from 1. find(text): [{from, to, open}] */
export function linksAt(buffer, row, find) {
  let first = row - 1;
  while (first > 0 && buffer.getLine(first)?.isWrapped) first -= 1;
  let text = "";
  const places = []; // of each character
  for (let number = first; number === first || buffer.getLine(number)?.isWrapped; number += 1) {
    const line = buffer.getLine(number);
    for (let x = 0; x < line.length; x += 1) {
      const cell = line.getCell(x);
      if (!cell.getWidth()) continue; // the second half of a wide one
      const characters = cell.getChars() || " ";
      text += characters;
      for (let count = 0; count < characters.length; count += 1) places.push({ x: x + 1, y: number + 1 });
    }
  }
  return find(text).map(({ from, to, open }) => ({
    range: { start: places[from], end: places[to - 1] },
    text: text.slice(from, to),
    activate: open,
  }));
}
