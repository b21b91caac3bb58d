import { connectWs, describeTransport } from '@fanfare/testkit';
import { startWireServer } from './wire-server.ts';

describeTransport('ws', { start: startWireServer, connect: connectWs, isStream: true });
