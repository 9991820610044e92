import { testOnnxEmbeddingServer } from './onnx-embedding-suite.ts';

testOnnxEmbeddingServer('embedding-fastapi');
