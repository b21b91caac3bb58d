/** What a person sees once, at the first start: the key that was made, and two commands that show the whole idea. */

export function firstSteps(start: { readonly port: number; readonly key: string; readonly path: string }): string {
  const { port, key, path } = start;
  const base = `http://localhost:${port}`;
  return `
An API key was made for this server and is kept in ${path}:

  ${key}

Try it, in two terminals:

  curl -N '${base}/live/sse?channel=public:hello'

  curl -X POST ${base}/live/api/publish -H 'X-API-Key: ${key}' \\
    -H 'Content-Type: application/json' -d '{"channel":"public:hello","event":"greeting","data":{"text":"hi"}}'
`;
}
