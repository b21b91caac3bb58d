/** What the suites share. For tests only: never shipped, never imported by a package's sources. */
export { launchBrowser } from './browser.ts';
export { Burst, type BurstOptions } from './burst.ts';
export { CLEAN, type Handed, judgeDelivery, type Published, type Verdict } from './delivery-oracle.ts';
export { EngineChild, runEngineChild } from './describe-engine/engine-child.ts';
export { EngineFixture, type EngineSetup, type MakeEngine } from './describe-engine/fixture.ts';
export { describeEngine, type EngineTraits } from './describe-engine.ts';
export { FakeClock, fakeEntropy } from './fake-clock.ts';
export type { Fault, WireKind } from './fault-proxy/faults.ts';
export { FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts';
export { MemoryTransport, memoryEncoding, type ReceivedFrame } from './memory-transport.ts';
export { findNginx, NGINX_DEAF, NGINX_WEBSOCKET, Nginx, type NginxOptions, startNginx } from './nginx.ts';
export { encodeRawFrame, OPCODES, type RawFrame, RawWebSocket, type RawWebSocketOptions } from './raw-web-socket.ts';
export { freePort, ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process.ts';
