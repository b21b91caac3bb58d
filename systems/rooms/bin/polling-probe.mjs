/** A client of Socket.IO made of nothing but requests [Engine.IO revision 4, Socket.IO revision 5]. */

const SEPARATOR = '\u001e';
const REQUEST_MS = 5000;
const POLLS = 20;

export class PollingProbe {
  #url;
  #packets = [];
  #acks = 0;

  static async connect(server) {
    const url = new URL('/socket.io/?EIO=4&transport=polling', server);
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS) });
    const text = await response.text();
    if (response.status !== 200 || text[0] !== '0')
      throw new Error(`the handshake was answered with ${response.status} ${text}`);
    url.searchParams.set('sid', JSON.parse(text.slice(1)).sid);
    const probe = new PollingProbe(url);
    await probe.#push('40');
    await probe.#until((packet) => packet.startsWith('40'));
    return probe;
  }

  constructor(url) {
    this.#url = url;
  }

  /** Emits, and resolves with the acknowledgement. */
  async ask(event, payload) {
    this.#acks += 1;
    const id = this.#acks;
    await this.#push(`42${id}${JSON.stringify([event, payload])}`);
    const packet = await this.#until((text) => text.startsWith(`43${id}[`));
    return JSON.parse(packet.slice(2 + String(id).length))[0];
  }

  /** The first event of the name whose argument fits. */
  async expect(event, fits) {
    await this.#until((text) => {
      if (!text.startsWith('42[')) return false;
      const [name, argument] = JSON.parse(text.slice(2));
      return name === event && fits(argument);
    });
  }

  /** Leaves for good, so that the server keeps no session for it; then the connection ends. */
  close() {
    return this.#push(['41', '1'].join(SEPARATOR));
  }

  async #push(body) {
    const headers = { 'Content-Type': 'text/plain;charset=UTF-8' };
    const response = await fetch(this.#url, { method: 'POST', body, headers, signal: AbortSignal.timeout(REQUEST_MS) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`POST was answered with ${response.status} ${text}`);
  }

  async #until(fits) {
    for (let poll = 0; poll < POLLS; poll += 1) {
      const at = this.#packets.findIndex(fits);
      if (at !== -1) return this.#packets.splice(at, 1)[0];
      const response = await fetch(this.#url, { signal: AbortSignal.timeout(REQUEST_MS) });
      const packets = (await response.text()).split(SEPARATOR);
      if (packets.includes('2')) await this.#push('3');
      this.#packets.push(...packets);
    }
    throw new Error(`nothing that fits among ${this.#packets.join(' ')}`);
  }
}
