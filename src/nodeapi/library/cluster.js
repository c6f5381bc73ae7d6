'use strict';
// A primary that never has workers.
const {codes: {ERR_METHOD_NOT_IMPLEMENTED}} = require('internal/errors');
const EventEmitter = require('events');

class Worker extends EventEmitter {
  _connected = false;
  id = 0;
  exitedAfterDisconnect = false;
  get process() { return require('process'); }
  isConnected() { return this._connected; }
  isDead() { return true; }
  send() { return false; }
  kill() { this._connected = false; }
  destroy() { this._connected = false; }
  disconnect() {
    this._connected = false;
    return this;
  }
}

class Cluster extends EventEmitter {
  isMaster = true;
  isPrimary = true;
  isWorker = false;
  SCHED_NONE = 1;
  SCHED_RR = 2;
  schedulingPolicy = 2;
  settings = {};
  workers = {};
  Worker = Worker;
  Cluster = Cluster;
  setupPrimary = function setupPrimary() { throw new ERR_METHOD_NOT_IMPLEMENTED('cluster.setupPrimary'); };
  setupMaster = function setupMaster() { throw new ERR_METHOD_NOT_IMPLEMENTED('cluster.setupMaster'); };
  disconnect = function disconnect() { throw new ERR_METHOD_NOT_IMPLEMENTED('cluster.disconnect'); };
  fork = function fork() { throw new ERR_METHOD_NOT_IMPLEMENTED('cluster.fork'); };
}

module.exports = new Cluster();
