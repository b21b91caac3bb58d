/** For demos: breaks this page's own wire for real, so that everyone can watch it come through. */
import { createDictionary, useWords } from '@fanfare/react';
import { type ReactElement, useEffect, useState } from 'react';
import { client, liveWire } from '../live.ts';
import { Icon } from './icons.tsx';

const dictionary = createDictionary({
  en: {
    title: 'Break it',
    help: 'Real faults on this page’s own connection. It must come through, and you can watch it do so.',
    cut: 'Drop my connection',
    freeze: 'Freeze it for 10 s',
    frozen: (seconds: number) => `Frozen for ${seconds} s more`,
    block: 'Force polling',
    unblock: 'Let live through again',
    close: 'Close',
  },
  vi: {
    title: 'Thử làm hỏng',
    help: 'Lỗi thật trên chính kết nối của trang này. Trang phải tự vượt qua, và bạn xem được điều đó.',
    cut: 'Ngắt kết nối của tôi',
    freeze: 'Đóng băng 10 giây',
    frozen: (seconds: number) => `Còn đóng băng ${seconds} giây`,
    block: 'Buộc hỏi định kỳ',
    unblock: 'Cho kết nối trực tiếp trở lại',
    close: 'Đóng',
  },
});

const FREEZE_SECONDS = 10;

export function BreakIt(): ReactElement {
  const words = useWords(dictionary);
  const [open, setOpen] = useState(false);
  const [blocked, setBlocked] = useState(false);
  const [frozen, setFrozen] = useState(0);

  useEffect(() => {
    if (frozen === 0) return;
    const timer = setTimeout(() => setFrozen(frozen - 1), 1000);
    return () => clearTimeout(timer);
  }, [frozen]);
  // Leaving the page mends what it broke.
  useEffect(() => () => liveWire.block(false), []);

  const block = (next: boolean): void => {
    setBlocked(next);
    liveWire.block(next);
    if (!next) client.reconnect();
  };
  const freeze = (): void => {
    liveWire.freeze(FREEZE_SECONDS * 1000);
    setFrozen(FREEZE_SECONDS);
  };

  return (
    <aside className="break-it" aria-label={words.title}>
      {open ? (
        <div className="card break-it__panel">
          <p className="muted small">{words.help}</p>
          <button type="button" className="button" onClick={() => liveWire.cut()}>
            <Icon name="cut" />
            {words.cut}
          </button>
          <button type="button" className="button" onClick={freeze} disabled={frozen > 0}>
            <Icon name="pause" />
            {frozen > 0 ? words.frozen(frozen) : words.freeze}
          </button>
          <button type="button" className="button" onClick={() => block(!blocked)} aria-pressed={blocked}>
            <Icon name={blocked ? 'play' : 'undo'} />
            {blocked ? words.unblock : words.block}
          </button>
        </div>
      ) : null}
      <button
        type="button"
        className="button button--small"
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        aria-label={open ? words.close : words.title}
      >
        <Icon name={open ? 'close' : 'flask'} size={18} />
        <span className="break-it__word">{open ? words.close : words.title}</span>
      </button>
    </aside>
  );
}
