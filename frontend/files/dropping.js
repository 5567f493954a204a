// Files and folders that are dragged here from the computer. Used by element.js.

/** onOver(event, isOver), onDrop(files, event): files as uploads.js takes them. */
export function takeDrops(target, { onOver, onDrop }) {
  let depth = 0;
  const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  target.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
  });
  target.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    onOver(event, true);
  });
  target.addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth -= 1;
    if (depth <= 0) onOver(event, false);
  });
  target.addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    onOver(event, false);
    onDrop(await filesOf(event.dataTransfer), event);
  });
}

/** With those inside of folders. The list of the drop is empty once it was left alone, so it is read first. */
async function filesOf({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...files].map((file) => ({ file, folders: [] }));
  const found = [];
  for (const entry of entries) await walk(entry, [], found);
  return found;
}

async function walk(entry, folders, found) {
  if (entry.isFile) {
    found.push({ file: await new Promise((resolve, reject) => { entry.file(resolve, reject); }), folders });
    return;
  }
  const reader = entry.createReader();
  for (;;) { // it gives a hundred at a time
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) return;
    for (const one of some) await walk(one, [...folders, entry.name], found);
  }
}
