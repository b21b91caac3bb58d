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
    freezeHelp:
      'So short a silence does not count as a lost connection: the badge stays. Events arrive late, and none is lost.',
    waiting: (events: number) => `Waiting on the wire: ${events}. Score a point on another screen now.`,
    late: (events: number) =>
      events === 1 ? '1 event arrived late, none is lost.' : `${events} events arrived late, none is lost.`,
    lateNone: 'Nothing happened meanwhile, so nothing arrived late. Score on another screen during the next freeze.',
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
    freezeHelp:
      'Im lặng ngắn như vậy chưa bị coi là mất kết nối: nhãn vẫn giữ nguyên. Sự kiện đến muộn, không mất cái nào.',
    waiting: (events: number) => `Đang chờ trên đường dây: ${events}. Hãy ghi một điểm ở màn hình khác.`,
    late: (events: number) => `${events} sự kiện đến muộn, không mất cái nào.`,
    lateNone: 'Trong lúc đó không có gì xảy ra nên không có gì đến muộn. Lần sau hãy ghi điểm ở màn hình khác.',
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
  const { seconds, note, freeze } = useFreeze(words);

  // Leaving the page mends what it broke.
  useEffect(() => () => liveWire.block(false), []);

  const block = (next: boolean): void => {
    setBlocked(next);
    liveWire.block(next);
    if (!next) client.reconnect();
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
          <button type="button" className="button" onClick={freeze} disabled={seconds > 0}>
            <Icon name="pause" />
            {seconds > 0 ? words.frozen(seconds) : words.freeze}
          </button>
          <p className="muted small break-it__note" role="status">
            {note}
          </p>
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

interface Freeze {
  /** Left until the thaw; 0: not frozen. */
  readonly seconds: number;
  /** What a freeze means, how much waits meanwhile, and what came of it. */
  readonly note: string;
  readonly freeze: () => void;
}

function useFreeze(words: (typeof dictionary)['en']): Freeze {
  const [seconds, setSeconds] = useState(0);
  const [late, setLate] = useState<number>();

  useEffect(() => {
    if (seconds === 0) return;
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);
  const freeze = (): void => {
    liveWire.freeze(FREEZE_SECONDS * 1000, setLate);
    setLate(0);
    setSeconds(FREEZE_SECONDS);
  };
  if (late === undefined) return { seconds, note: words.freezeHelp, freeze };
  if (seconds > 0) return { seconds, note: words.waiting(late), freeze };
  return { seconds, note: late === 0 ? words.lateNone : words.late(late), freeze };
}
