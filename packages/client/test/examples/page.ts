/** What the examples of docs/reference/client.md assume of the page around them. */
export declare function paint(home: number, guest: number): void;
export declare function toast(title: string): void;
export declare function badge(text: string): void;
export declare function login(): Promise<string>;
export declare function store(key: string, value: string | undefined): void;
export declare function stored(key: string): string | undefined;
export declare function reload(): Promise<void>;
export declare function save(note: Note): Promise<void>;
export declare function reportToUs(error: Error): void;

export interface Note {
  readonly id: number;
  readonly title: string;
}
