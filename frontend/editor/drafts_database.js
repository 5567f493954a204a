// The drafts of this browser, in its IndexedDB. Used by drafts.js as its storage.

const NAME = "ivle-editor";
const STORE = "drafts";

export class DraftsDatabase {
  open() {
    this.opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return this.opening;
  }

  /** On the disk, not only on the way there: it is for the day the computer goes off. */
  async change(act) {
    const transaction = (await this.open()).transaction(STORE, "readwrite", { durability: "strict" });
    act(transaction.objectStore(STORE));
    await finished(transaction);
  }

  put(key, value) {
    return this.change((store) => store.put(value, key));
  }

  remove(key) {
    return this.change((store) => store.delete(key));
  }

  /** [{key, value}] */
  async all() {
    const transaction = (await this.open()).transaction(STORE);
    const store = transaction.objectStore(STORE);
    const keys = store.getAllKeys();
    const values = store.getAll();
    await finished(transaction);
    return keys.result.map((key, index) => ({ key, value: values.result[index] }));
  }
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
