import { basename } from 'node:path';
import { nameStory } from './log-folder.js';

nameStory(basename(expect.getState().testPath ?? 'shop').replace(/\..*$/, ''));
