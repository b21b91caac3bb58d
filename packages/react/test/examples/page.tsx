/** What the examples of docs/reference/react.md assume of the application around them. */
import type { ReactElement } from 'react';

export interface Order {
  readonly id: number;
  readonly total: number;
}

export declare function Receipt(props: { readonly order: Order }): ReactElement;
export declare function readAllOrders(): Promise<readonly Order[]>;
export declare function restore(order: Order): void;
export declare function show(order: Order): void;
