// The API of exercises, as functions that give what it answers or throw a Fault with a sentence. Used by element.js.

import { Asking } from "../site/asking.js";

export class ExerciseApi extends Asking {
  constructor({ course, name, ...about }) {
    super(about);
    this.root = `/api/exercises/${course}/${name}`;
  }

  get(path = "") {
    return this.ask("GET", `${this.root}${path}`);
  }

  post(path, json) {
    return this.ask("POST", `${this.root}${path}`, { json });
  }

  exercise() {
    return this.get();
  }

  /** Saves. {path} of the file to run. */
  save(files) {
    return this.post("/run", { files });
  }

  check(files) {
    return this.post("/check", { files });
  }

  submit(files) {
    return this.post("/submit", { files });
  }

  /** wait: seconds for which the answer may be held back until there is something new. */
  attempt(number, wait = 0) {
    return this.get(`/attempts/${number}?wait=${wait}`);
  }
}
