// The interoperability service of grpc-go (grpc.testing.TestService), with reflection: a server that
// shares nothing with loadgen. With --health it also answers HTTP there, for who waits until it runs.
package main

import (
	"flag"
	"log"
	"net"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/interop"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/reflection"
)

func main() {
	address := flag.String("address", "127.0.0.1:50051", "where to listen")
	health := flag.String("health", "", "where to answer plain HTTP")
	certificate := flag.String("cert", "", "a PEM file: TLS")
	key := flag.String("key", "", "its key")
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	var options []grpc.ServerOption
	if *certificate != "" {
		secure, err := credentials.NewServerTLSFromFile(*certificate, *key)
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(secure))
	}
	server := grpc.NewServer(options...)
	pb.RegisterTestServiceServer(server, interop.NewTestServer())
	reflection.Register(server)
	if *health != "" {
		answer := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
		go func() { log.Fatal(http.ListenAndServe(*health, http.HandlerFunc(answer))) }()
	}
	log.Printf("listening on %s", listener.Addr())
	log.Fatal(server.Serve(listener))
}
