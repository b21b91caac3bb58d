/** What the peers' servers share: `GET /sub/CHANNEL` subscribes, `POST /pub/CHANNEL` publishes its body. */

export const port = Number(process.argv[2]);

export function channelOf(url) {
  return url.slice(url.lastIndexOf('/') + 1);
}

export function readBody(req, done) {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => done(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
}

/** Sets by channel. */
export class Channels {
  #members = new Map();

  of(channel) {
    let members = this.#members.get(channel);
    if (members === undefined) {
      members = new Set();
      this.#members.set(channel, members);
    }
    return members;
  }
}
