import { connectSse, describeTransport } from '@fanfare/testkit';
import { startWireServer } from './wire-server.ts';

describeTransport('sse', { start: startWireServer, connect: connectSse, isStream: true });
