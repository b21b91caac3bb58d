/** `fanfare/http`: what an application on Fanfare needs to serve HTTP beside its streams. */
export { type BodyOptions, MAX_BODY_BYTES } from './body.ts';
export {
  catalogueError,
  describeValue,
  type ErrorDetails,
  fail,
  HttpError,
  type HttpErrorOptions,
  type Messages,
  RequestAborted,
  refuseField,
} from './errors.ts';
export { Exchange, type ExchangeOptions } from './exchange.ts';
export { type HeaderMap, type JsonAnswer, sendError, sendJson } from './respond.ts';
export { type Handler, Router, type RouterOptions } from './router.ts';
