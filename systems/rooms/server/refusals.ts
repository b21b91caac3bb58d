/** What a client of the rooms is told when its message cannot be done: codes that never change, words in both languages. */
import type { Language } from './language.ts';

export type RoomsRefusal =
  | 'BAD_JSON'
  | 'BAD_MESSAGE'
  | 'UNKNOWN_TYPE'
  | 'TEXT_EXPECTED'
  | 'TOO_DEEP'
  | 'NUMBER_TOO_LARGE'
  | 'FIELD_MISSING'
  | 'ROOM_NAME_INVALID'
  | 'POSITION_INVALID'
  | 'NOT_IN_ROOM'
  | 'TOO_MANY_ROOMS'
  | 'BROADCAST_DISABLED'
  | 'RATE_LIMITED'
  | 'BUSY';

type Words = { readonly [L in Language]: string };

export const REFUSALS: { readonly [C in RoomsRefusal]: Words } = {
  BAD_JSON: { en: 'The message is not JSON.', vi: 'Thông điệp không phải JSON.' },
  BAD_MESSAGE: {
    en: 'A message is a JSON object with a "type".',
    vi: 'Thông điệp phải là một đối tượng JSON có "type".',
  },
  UNKNOWN_TYPE: { en: 'This type of message is not known.', vi: 'Loại thông điệp này không tồn tại.' },
  TEXT_EXPECTED: {
    en: 'A message is text, not binary data.',
    vi: 'Thông điệp phải là văn bản, không phải dữ liệu nhị phân.',
  },
  TOO_DEEP: {
    en: 'The message nests more than 32 levels deep.',
    vi: 'Thông điệp lồng nhau quá 32 cấp.',
  },
  NUMBER_TOO_LARGE: {
    en: 'A number in the message is too large to be passed on.',
    vi: 'Một số trong thông điệp quá lớn để chuyển tiếp.',
  },
  FIELD_MISSING: { en: 'The field "message" is missing.', vi: 'Thiếu trường "message".' },
  ROOM_NAME_INVALID: {
    en: 'The name of a room is 1 to 100 of A-Z a-z 0-9 _ -.',
    vi: 'Tên phòng gồm 1 đến 100 ký tự A-Z a-z 0-9 _ -.',
  },
  POSITION_INVALID: {
    en: '"since" is the position of a message, as it came.',
    vi: '"since" là vị trí của một thông điệp, đúng như đã nhận.',
  },
  NOT_IN_ROOM: { en: 'Join the room first.', vi: 'Hãy vào phòng trước.' },
  TOO_MANY_ROOMS: {
    en: 'You are in as many rooms as one client may be: leave one first.',
    vi: 'Bạn đã vào số phòng tối đa: hãy rời một phòng trước.',
  },
  BROADCAST_DISABLED: {
    en: 'Broadcasts are switched off on this server.',
    vi: 'Máy chủ này không cho phát tới tất cả.',
  },
  RATE_LIMITED: {
    en: 'Too many messages: slow down.',
    vi: 'Quá nhiều thông điệp: hãy gửi chậm lại.',
  },
  BUSY: {
    en: 'Too many of your messages wait to be done: wait for their answers.',
    vi: 'Quá nhiều thông điệp của bạn đang chờ: hãy đợi trả lời.',
  },
};

/** A message that is refused. The connection stays. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function refusal(code: RoomsRefusal, language: Language): Refused {
  return new Refused(code, REFUSALS[code][language]);
}
