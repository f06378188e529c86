package deploy_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"omarty.net/registry/configs"
)

type probe struct {
	HTTPGet          struct{ Path, Port string } `yaml:"httpGet"`
	FailureThreshold int                         `yaml:"failureThreshold"`
}

type object struct {
	Kind     string
	Metadata struct{ Name string }
	// StringData is a Secret's.
	StringData map[string]string `yaml:"stringData"`
	Spec       struct {
		Replicas int
		Ports    []struct {
			TargetPort string `yaml:"targetPort"`
		}
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     podSpec
		}
	}
}

type podSpec struct {
	EnableServiceLinks           *bool `yaml:"enableServiceLinks"`
	AutomountServiceAccountToken *bool `yaml:"automountServiceAccountToken"`
	GraceSeconds                 int   `yaml:"terminationGracePeriodSeconds"`
	SecurityContext              struct {
		RunAsNonRoot bool `yaml:"runAsNonRoot"`
		RunAsUser    int  `yaml:"runAsUser"`
	} `yaml:"securityContext"`
	Containers []struct {
		Image string
		Args  []string
		Env   []struct{ Name, Value string }
		Ports []struct {
			Name          string
			ContainerPort string `yaml:"containerPort"`
		}
		StartupProbe    probe `yaml:"startupProbe"`
		ReadinessProbe  probe `yaml:"readinessProbe"`
		LivenessProbe   probe `yaml:"livenessProbe"`
		Resources       struct{ Requests, Limits map[string]string }
		SecurityContext struct {
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
			Capabilities             struct{ Drop []string }
		} `yaml:"securityContext"`
		VolumeMounts []struct {
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
}

// objects returns the manifest's objects by kind, of which there is one each.
func objects(t *testing.T) map[string]object {
	t.Helper()
	all := map[string]object{}
	decoder := yaml.NewDecoder(strings.NewReader(text(t, "docs/deploy/kubernetes.yaml")))
	for {
		var o object
		err := decoder.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, again := all[o.Kind]; again || o.Metadata.Name != "omarty" {
			t.Errorf("%s %s: want one of each kind, named omarty", o.Kind, o.Metadata.Name)
		}
		all[o.Kind] = o
	}
}

func TestKubernetes(t *testing.T) {
	all := objects(t)
	deployment, pod := all["Deployment"].Spec, all["Deployment"].Spec.Template.Spec
	if deployment.Replicas != 2 || len(pod.Containers) != 1 {
		t.Fatalf("%d replicas, %d containers", deployment.Replicas, len(pod.Containers))
	}
	c := pod.Containers[0]
	variables := map[string]string{}
	for _, e := range c.Env {
		variables[e.Name] = e.Value
	}
	config := loaded(t, variables)
	if config.HTTP.ShutdownDelay < 5*time.Second {
		t.Errorf("a shutdown delay of %s is too short for proxies to notice", config.HTTP.ShutdownDelay)
	}
	wantPatience(t, "terminationGracePeriodSeconds", time.Duration(pod.GraceSeconds)*time.Second, config.HTTP)

	ports := map[string]string{}
	for _, p := range c.Ports {
		ports[p.Name] = ":" + p.ContainerPort
	}
	if ports["http"] != config.HTTP.Address || ports["admin"] != config.Admin.Address {
		t.Errorf("the ports are %v, and the program listens on %s and %s", ports, config.HTTP.Address, config.Admin.Address)
	}
	for name, p := range map[string]struct {
		probe
		path string
	}{
		"startup": {c.StartupProbe, "/readyz"}, "readiness": {c.ReadinessProbe, "/readyz"}, "liveness": {c.LivenessProbe, "/healthz"},
	} {
		if p.HTTPGet.Path != p.path || p.HTTPGet.Port != "http" || p.FailureThreshold < 1 {
			t.Errorf("the %s probe is %+v", name, p.probe)
		}
		wantProbe(t, p.HTTPGet.Path)
	}
	for _, no := range []*bool{pod.EnableServiceLinks, pod.AutomountServiceAccountToken, c.SecurityContext.AllowPrivilegeEscalation} {
		if no == nil || *no {
			t.Error("enableServiceLinks, automountServiceAccountToken and allowPrivilegeEscalation must be false")
		}
	}
	if !pod.SecurityContext.RunAsNonRoot || pod.SecurityContext.RunAsUser == 0 || !c.SecurityContext.ReadOnlyRootFilesystem ||
		strings.Join(c.SecurityContext.Capabilities.Drop, " ") != "ALL" || c.Resources.Limits["memory"] == "" ||
		len(c.Resources.Requests) != 2 || !isPinned(c.Image) {
		t.Errorf("the container is not hardened, bounded and pinned: %+v", c)
	}

	// What the Secret holds is where the settings look, and refused until it is replaced.
	for variable, key := range map[string]string{"OMARTY_DATABASE_URL_FILE": "database-url", "OMARTY_AUTH_HS256_SECRET_FILE": "hs256"} {
		if want := c.VolumeMounts[0].MountPath + "/" + key; variables[variable] != want || all["Secret"].StringData[key] == "" {
			t.Errorf("%s is %s, and the secret is at %s", variable, variables[variable], want)
		}
		value := strings.TrimSuffix(variable, "_FILE") + "=" + all["Secret"].StringData[key]
		if _, err := configs.Load("", []string{value}); err == nil {
			t.Errorf("%s: the program takes the example for a secret", key)
		}
	}
	service := all["Service"].Spec
	if len(service.Ports) != 1 || service.Ports[0].TargetPort != "http" {
		t.Errorf("the service's ports are %+v", service.Ports)
	}
}
