/** 48 stable bits of a channel name: how a cursor says which channel without repeating its name [PROTOCOL §3.3]. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Length of every hash: 8 characters of 6 bits. */
export const CHANNEL_HASH_LENGTH = 8;

/**
 * Pure, and the same on every version and node: cursors outlive both. Two lanes of multiply and rotate that feed each other, then
 * an avalanche. Not a secret: who makes two of their own channels collide confuses only their own cursor.
 */
export function channelHash(name: string): string {
  let left = 0x2545f491;
  let right = 0x1f83d9ab ^ name.length;
  for (let index = 0; index < name.length; index += 1) {
    const unit = name.charCodeAt(index);
    left = Math.imul(rotate(left, 5) ^ unit, 0x9e3779b1);
    right = Math.imul(rotate(right, 11) ^ unit ^ left, 0x85ebca6b);
  }
  return digits(avalanche(left ^ rotate(right, 16))) + digits(avalanche(right + Math.imul(left, 0x27d4eb2f)));
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return mixed ^ (mixed >>> 15);
}

/** The upper 24 bits. */
function digits(word: number): string {
  return digit(word >>> 26) + digit(word >>> 20) + digit(word >>> 14) + digit(word >>> 8);
}

function digit(bits: number): string {
  return DIGITS.charAt(bits & 63);
}
