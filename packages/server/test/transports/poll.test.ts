import { connectPoll, describeTransport } from '@fanfare/testkit';
import { startWireServer } from './wire-server.ts';

describeTransport('poll', { start: startWireServer, connect: connectPoll, isStream: false });
