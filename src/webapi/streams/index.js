// The interfaces to be made globals.
export { ReadableStreamBYOBRequest } from './byob_request.js';
export { FixedLengthStream, IdentityTransformStream } from './identity_transform_stream.js';
export { ByteLengthQueuingStrategy, CountQueuingStrategy } from './queuing_strategies.js';
export { ReadableByteStreamController } from './readable_byte_controller.js';
export { ReadableStreamDefaultController } from './readable_default_controller.js';
export { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from './readable_readers.js';
export { ReadableStream } from './readable_stream.js';
export { TransformStream, TransformStreamDefaultController } from './transform_stream.js';
export {
  WritableStream, WritableStreamDefaultController, WritableStreamDefaultWriter,
} from './writable_stream.js';
