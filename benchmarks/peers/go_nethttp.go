// Go's net/http with its pool, and encoding/json into a struct.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type bitbucket struct {
	ID                          string    `json:"id"`
	Type                        string    `json:"type"`
	Role                        string    `json:"role"`
	CreatedAt                   time.Time `json:"created_at"`
	UpdatedAt                   time.Time `json:"updated_at"`
	FetchBranches               bool      `json:"fetch_branches"`
	PruneBranches               bool      `json:"prune_branches"`
	EnvironmentInitResources    string    `json:"environment_init_resources"`
	Repository                  string    `json:"repository"`
	BuildPullRequests           bool      `json:"build_pull_requests"`
	PullRequestsCloneParentData bool      `json:"pull_requests_clone_parent_data"`
	ResyncPullRequests          bool      `json:"resync_pull_requests"`
	AppCredentials              struct {
		Key string `json:"key"`
	} `json:"app_credentials"`
	AddonCredentials struct {
		AddonKey  string `json:"addon_key"`
		ClientKey string `json:"client_key"`
	} `json:"addon_credentials"`
}

func fetch(client *http.Client, url string) error {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Authorization", "Bearer benchmark-token")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var value bitbucket
	if err := json.NewDecoder(response.Body).Decode(&value); err != nil {
		return err
	}
	// The decoder stops at the end of the object; the connection is reused only when the body was read to its end.
	if n, err := response.Body.Read(make([]byte, 1)); n != 0 || err == nil {
		return fmt.Errorf("more than one object")
	}
	if response.StatusCode != 200 || value.Repository != "acme-engineering/storefront-backend" {
		return fmt.Errorf("status %d, repository %q", response.StatusCode, value.Repository)
	}
	return nil
}

func run(client *http.Client, url string, requests, connections int64) (errors int64) {
	var callers sync.WaitGroup
	for i := int64(0); i < connections; i++ {
		callers.Add(1)
		go func() {
			defer callers.Done()
			for atomic.AddInt64(&requests, -1) >= 0 {
				if err := fetch(client, url); err != nil {
					fmt.Fprintln(os.Stderr, "go_nethttp:", err)
					atomic.AddInt64(&errors, 1)
				}
			}
		}()
	}
	callers.Wait()
	return errors
}

func usage() syscall.Rusage {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return used
}

func microseconds(from, to syscall.Timeval) int64 { return (to.Nano() - from.Nano()) / 1000 }

func main() {
	port := flag.Int("port", 0, "port of the server")
	ca := flag.String("ca", "", "PEM file of the authority to trust")
	requests := flag.Int64("requests", 20000, "requests to measure")
	warmup := flag.Int64("warmup", 2000, "requests before")
	connections := flag.Int64("connections", 64, "connections, and callers")
	http2 := flag.Bool("http2", false, "HTTP/2")
	flag.Parse()

	pem, err := os.ReadFile(*ca)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		fmt.Fprintln(os.Stderr, "go_nethttp: no CA file")
		os.Exit(1)
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: *http2,
		MaxIdleConnsPerHost: int(*connections), MaxConnsPerHost: int(*connections), DisableCompression: true}}
	url := fmt.Sprintf("https://127.0.0.1:%d/projects/project-0/integrations/integration-0", *port)

	errors := run(client, url, *warmup, *connections)
	before, begun := usage(), time.Now()
	errors += run(client, url, *requests, *connections)
	seconds, after := time.Since(begun).Seconds(), usage()
	fmt.Printf(`{"peer": "go_nethttp", "requests": %d, "seconds": %.6f, "cpu_user_us": %d, "cpu_sys_us": %d, "errors": %d}`+"\n",
		*requests, seconds, microseconds(before.Utime, after.Utime), microseconds(before.Stime, after.Stime), errors)
	if errors != 0 {
		os.Exit(1)
	}
}
