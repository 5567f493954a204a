// Which files were saved, told from one tab of this browser to the others. Used by element.js.

const CHANNEL = "ivle-saves";

export class Saves {
  /** onSaved(path): another tab saved this file. */
  constructor({ onSaved, channel = new BroadcastChannel(CHANNEL) }) {
    this.channel = channel;
    this.channel.onmessage = ({ data }) => typeof data?.path === "string" && onSaved(data.path);
  }

  tell(path) {
    this.channel.postMessage({ path });
  }
}
