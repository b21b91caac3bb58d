/** `{c}` channel, `{p}` payload, `{id}` last event id, `{v}` what was captured in the handshake. */
export function fill(template, values) {
  return template.replace(/\{(c|p|id|v|items)\}/g, (whole, name) => values[name] ?? whole);
}

export function channelName(index) {
  return `c${String(index).padStart(6, '0')}`;
}
