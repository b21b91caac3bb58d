/** Draws a short text on the icon of the tab, and puts the page's own icon back. */

const SIZE = 64;
const PILL_HEIGHT = 36;
const FONT = '700 30px system-ui, sans-serif';

interface OwnIcon {
  readonly link: HTMLLinkElement;
  readonly href: string;
  readonly type: string;
}

/** The page's own, while ours is shown. */
let own: OwnIcon | undefined;
/** What is to be shown once the icon has loaded. */
let wanted = '';

/** Empty: the page's own icon. A page without an icon, and a browser that cannot draw, keep what they have. */
export function showOnIcon(text: string): void {
  if (text === wanted) return;
  wanted = text;
  if (text === '') restore();
  else draw(text).catch(restore);
}

function restore(): void {
  if (own === undefined) return;
  own.link.href = own.href;
  own.link.type = own.type;
  own = undefined;
}

async function draw(text: string): Promise<void> {
  own ??= findIcon();
  if (own === undefined) return;
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return;
  const image = new Image(SIZE, SIZE);
  image.src = own.href;
  await image.decode();
  // Another count, or none, came meanwhile.
  if (text !== wanted || own === undefined) return;
  context.canvas.width = SIZE;
  context.canvas.height = SIZE;
  context.drawImage(image, 0, 0, SIZE, SIZE);
  drawPill(context, text);
  own.link.type = 'image/png';
  own.link.href = context.canvas.toDataURL('image/png');
}

function findIcon(): OwnIcon | undefined {
  const link = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
  return link === null ? undefined : { link, href: link.href, type: link.type };
}

/** At the lower right, as wide as its text: the number is legible at 16 px, and the icon is still known by its corner. */
function drawPill(context: CanvasRenderingContext2D, text: string): void {
  context.font = FONT;
  const width = Math.min(SIZE, Math.max(PILL_HEIGHT, context.measureText(text).width + 14));
  context.beginPath();
  context.roundRect(SIZE - width, SIZE - PILL_HEIGHT, width, PILL_HEIGHT, PILL_HEIGHT / 2);
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--offline') || 'crimson';
  context.fill();
  context.fillStyle = 'white';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(text, SIZE - width / 2, SIZE - PILL_HEIGHT / 2 + 2, width - 8);
}
