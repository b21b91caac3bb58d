/** A request as applications know it, made of its head where it did not come through `node:http`. It has no body. */
import { IncomingMessage } from 'node:http';
import type { RequestHead } from './request-head.ts';

export function requestMessage({ method = 'GET', url = '/', headers, socket }: RequestHead): IncomingMessage {
  const request = new IncomingMessage(socket);
  request.method = method;
  request.url = url;
  request.httpVersion = '1.1';
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.headers = headers;
  request.rawHeaders = Object.entries(headers).flatMap(([name, value = '']) => [name, String(value)]);
  request.complete = true;
  request.push(null);
  return request;
}
