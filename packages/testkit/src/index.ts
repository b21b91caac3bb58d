/** What the suites share. For tests only: never shipped, never imported by a package's sources. */
export { launchBrowser } from './browser.ts';
export { EngineChild, runEngineChild } from './describe-engine/engine-child.ts';
export { EngineFixture, type EngineSetup, type MakeEngine } from './describe-engine/fixture.ts';
export { describeEngine, type EngineTraits } from './describe-engine.ts';
export { FakeClock, fakeEntropy } from './fake-clock.ts';
export { FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts';
export { MemoryTransport, memoryEncoding, type ReceivedFrame } from './memory-transport.ts';
export { freePort, ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process.ts';
