/** Error codes of what the caller sent: names, fields, bodies, frames [PROTOCOL §9]. */
import type { ErrorEntry } from './error-entry.ts';

type InputCode =
  | 'CHANNEL_NAME_INVALID'
  | 'CHANNEL_UNKNOWN'
  | 'CHANNEL_KIND_MISMATCH'
  | 'CHANNEL_MISSING'
  | 'TOO_MANY_CHANNELS'
  | 'ALREADY_SUBSCRIBED'
  | 'EVENT_NAME_INVALID'
  | 'EVENT_NAME_RESERVED'
  | 'EVENT_UNKNOWN'
  | 'PAYLOAD_INVALID'
  | 'KEY_INVALID'
  | 'IDEMPOTENCY_KEY_INVALID'
  | 'POSITION_INVALID'
  | 'CURSOR_INVALID'
  | 'LIMIT_INVALID'
  | 'FIELD_MISSING'
  | 'FIELD_INVALID'
  | 'FIELD_UNKNOWN'
  | 'JSON_INVALID'
  | 'JSON_TOO_DEEP'
  | 'BODY_MISSING'
  | 'BODY_TOO_LARGE'
  | 'CONTENT_TYPE_UNSUPPORTED'
  | 'CONTENT_ENCODING_UNSUPPORTED'
  | 'BATCH_EMPTY'
  | 'BATCH_TOO_LARGE'
  | 'FRAME_INVALID'
  | 'FRAME_TOO_LARGE'
  | 'URL_INVALID';

export const INPUT_ERRORS: { readonly [C in InputCode]: ErrorEntry } = {
  CHANNEL_NAME_INVALID: {
    status: 400,
    retry: false,
    en: 'The channel name is not valid[: expected {expected}, got {got}].',
    vi: 'Tên kênh không hợp lệ: cần các đoạn gồm A-Z a-z 0-9 _ - nối bằng ":", tối đa 128 ký tự[, nhận được {got}].',
    fix: 'Use 1 to 128 characters: segments of A-Z a-z 0-9 _ - joined by ":", such as court:1234.',
  },
  CHANNEL_UNKNOWN: {
    status: 404,
    retry: false,
    en: 'This server has no channel of that name[: "{channel}"][; it has {expected}].',
    vi: 'Máy chủ này không có kênh nào tên như vậy[: "{channel}"][; máy chủ có {expected}].',
    fix: 'Correct the name, or embed Fanfare and declare a pattern that matches it; fanfare serve has public:{name}, public-state:{name} and those of its access file.',
  },
  CHANNEL_KIND_MISMATCH: {
    status: 409,
    retry: false,
    en: 'The channel is of another kind[: expected {expected}, got {got}].',
    vi: 'Kênh không thuộc loại mà lệnh này cần[: nhận được {got}].',
    fix: 'Use set on state channels, publish on log and signal channels, history on log and state channels.',
  },
  CHANNEL_MISSING: {
    status: 400,
    retry: false,
    en: 'The request names no channel with ?channel=NAME.',
    vi: 'Yêu cầu không nêu kênh nào bằng ?channel=NAME.',
    fix: 'Add ?channel=NAME to the URL, once per channel.',
  },
  TOO_MANY_CHANNELS: {
    status: 400,
    retry: false,
    en: 'The connection asks for too many channels[: the limit is {limit}].',
    vi: 'Kết nối yêu cầu quá nhiều kênh[: tối đa {limit}].',
    fix: 'Spread the channels over several connections, or publish what belongs together on one channel.',
  },
  ALREADY_SUBSCRIBED: {
    status: 409,
    retry: false,
    en: 'The connection has this channel already[: {channel}].',
    vi: 'Kết nối đã đăng ký kênh này rồi[: {channel}].',
    fix: 'Keep the subscription that stands; unsubscribe first to begin from another position.',
  },
  EVENT_NAME_INVALID: {
    status: 400,
    retry: false,
    en: 'The event name is not valid[: expected {expected}, got {got}].',
    vi: 'Tên sự kiện không hợp lệ: cần một chữ cái, sau đó tối đa 63 ký tự A-Z a-z 0-9 _ . -[, nhận được {got}].',
    fix: 'Begin with a letter, then at most 63 of A-Z a-z 0-9 _ . -',
  },
  EVENT_NAME_RESERVED: {
    status: 400,
    retry: false,
    en: 'The event name is reserved for the stream itself[: {got}].',
    vi: 'Tên sự kiện này được dành riêng cho luồng[: {got}].',
    fix: 'Choose another name; PROTOCOL.md §2.2 lists the reserved ones.',
  },
  EVENT_UNKNOWN: {
    status: 400,
    retry: false,
    en: 'The channel declares no such event[: expected {expected}, got {got}].',
    vi: 'Kênh không khai báo sự kiện này[: các sự kiện có thể dùng là {expected}][, nhận được {got}].',
    fix: 'Declare the event with its schema in the channel map, or correct the name.',
  },
  PAYLOAD_INVALID: {
    status: 422,
    retry: false,
    en: 'The payload does not fit the schema of the event[: {field}: {expected}][, got {got}].',
    vi: 'Dữ liệu không đúng lược đồ của sự kiện[: {field}: {expected}][, nhận được {got}].',
    fix: 'Send data that the schema of the channel accepts; the details name each field.',
  },
  KEY_INVALID: {
    status: 400,
    retry: false,
    en: 'The key is not valid[: expected {expected}, got {got}].',
    vi: 'Khóa không hợp lệ: cần 1 đến 128 ký tự A-Z a-z 0-9 _ . : ~ @ -[, nhận được {got}].',
    fix: 'Use 1 to 128 of A-Z a-z 0-9 _ . : ~ @ -, on state channels only.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    retry: false,
    en: 'The idempotency key is not valid[: expected {expected}, got {got}].',
    vi: 'Khóa chống lặp không hợp lệ: cần 1 đến 128 ký tự ASCII nhìn thấy được[, nhận được {got}].',
    fix: 'Use 1 to 128 visible ASCII characters, such as a UUID made once per thing to publish.',
  },
  POSITION_INVALID: {
    status: 400,
    retry: false,
    en: 'The position is not valid[: expected {expected}, got "{got}"].',
    vi: 'Vị trí không hợp lệ: cần một vị trí do máy chủ này cấp[, nhận được "{got}"].',
    fix: 'Send back a position exactly as the server gave it, or none to begin at the oldest kept event.',
  },
  CURSOR_INVALID: {
    status: 400,
    retry: false,
    en: 'The cursor is not valid[: expected {expected}, got "{got}"].',
    vi: 'Con trỏ không hợp lệ: cần một con trỏ do máy chủ này cấp[, nhận được "{got}"].',
    fix: 'Send back the id of the last event exactly as the server gave it, or none to begin now.',
  },
  LIMIT_INVALID: {
    status: 400,
    retry: false,
    en: 'The limit is not valid[: expected {expected}, got {got}].',
    vi: 'Giới hạn không hợp lệ: cần một số nguyên[ {expected}][, nhận được {got}].',
    fix: 'Send a whole number from 1 to 1000, or none.',
  },
  FIELD_MISSING: {
    status: 400,
    retry: false,
    en: 'A required field is missing[: {field}].',
    vi: 'Thiếu trường bắt buộc[: {field}].',
    fix: 'Add the field that the details name.',
  },
  FIELD_INVALID: {
    status: 400,
    retry: false,
    en: 'A field is not valid[: {field}: expected {expected}][, got {got}].',
    vi: 'Một trường không hợp lệ[: {field}].',
    fix: 'Correct the field that the details name.',
  },
  FIELD_UNKNOWN: {
    status: 400,
    retry: false,
    en: 'The request has a field that is not known here[: {field}].',
    vi: 'Yêu cầu có trường không được nhận biết[: {field}].',
    fix: 'Remove the field, or correct its spelling.',
  },
  JSON_INVALID: {
    status: 400,
    retry: false,
    en: 'The body is not valid JSON in UTF-8[: character {position}].',
    vi: 'Nội dung không phải JSON hợp lệ ở dạng UTF-8[: ký tự thứ {position}].',
    fix: 'Serialise the body with a JSON library and send it as UTF-8.',
  },
  JSON_TOO_DEEP: {
    status: 400,
    retry: false,
    en: 'The JSON is nested too deep[: the limit is {limit} levels].',
    vi: 'JSON lồng nhau quá sâu[: tối đa {limit} tầng].',
    fix: 'Flatten the data to at most 32 levels, the outer object included.',
  },
  BODY_MISSING: {
    status: 400,
    retry: false,
    en: 'The request has no body.',
    vi: 'Yêu cầu không có nội dung.',
    fix: 'Send a JSON object as the body.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    retry: false,
    en: 'The body is too large[: the limit is {limit} bytes].',
    vi: 'Nội dung quá lớn[: tối đa {limit} byte].',
    fix: 'Keep within the limit (64 KiB; a batch 1 MiB); publish a link to what is larger.',
  },
  CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    retry: false,
    en: 'The body has a content type that is not accepted[: expected {expected}, got {got}].',
    vi: 'Kiểu nội dung không được chấp nhận: cần application/json[, nhận được {got}].',
    fix: 'Send Content-Type: application/json.',
  },
  CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    retry: false,
    en: 'A compressed body is not accepted[: got {got}].',
    vi: 'Không chấp nhận nội dung nén[: nhận được {got}].',
    fix: 'Send the body without Content-Encoding.',
  },
  BATCH_EMPTY: {
    status: 400,
    retry: false,
    en: 'The batch holds no items.',
    vi: 'Lô không có mục nào.',
    fix: 'Send at least one item.',
  },
  BATCH_TOO_LARGE: {
    status: 413,
    retry: false,
    en: 'The batch holds too many items[: the limit is {limit}].',
    vi: 'Lô có quá nhiều mục[: tối đa {limit}].',
    fix: 'Split the batch: at most 1000 items, or 64 frames.',
  },
  FRAME_INVALID: {
    status: 400,
    retry: false,
    en: 'The frame is not valid[: {field}: expected {expected}, got {got}].',
    vi: 'Khung không hợp lệ[: {field}: cần {expected}, nhận được {got}].',
    fix: 'Compare the frame with PROTOCOL.md §5.',
  },
  FRAME_TOO_LARGE: {
    status: 413,
    retry: false,
    en: 'The frame is too large[: the limit is {limit} bytes].',
    vi: 'Khung quá lớn[: tối đa {limit} byte].',
    fix: 'Send at most 64 KiB per frame.',
  },
  URL_INVALID: {
    status: 400,
    retry: false,
    en: 'The URL cannot be read.',
    vi: 'Không đọc được địa chỉ URL.',
    fix: 'Percent-encode the URL as UTF-8.',
  },
};
