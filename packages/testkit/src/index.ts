/** What the suites share. For tests only: never shipped, never imported by a package's sources. */
export { FakeClock, fakeEntropy } from './fake-clock.ts';
export { FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts';
export { MemoryTransport, memoryEncoding, type ReceivedFrame } from './memory-transport.ts';
