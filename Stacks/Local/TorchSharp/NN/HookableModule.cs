#nullable enable
using System;
using System.Collections.Generic;

namespace TorchSharp;

// Modules that can be called, with hooks before and after their forward.
public static partial class torch
{
    public static partial class nn
    {
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            protected Dictionary<string, TPreHook> pre_hooks = [];
            protected Dictionary<string, TPostHook> post_hooks = [];
            protected Dictionary<string, Action<Module>> module_pre_hooks = [];
            protected Dictionary<string, Action<Module>> module_post_hooks = [];

            protected HookableModule(string name) : base(name)
            {
            }

            public HookRemover register_forward_hook(TPostHook hook) => Add(post_hooks, hook);

            public HookRemover register_forward_pre_hook(TPreHook hook) => Add(pre_hooks, hook);

            public HookRemover register_forward_hook(Action<Module> hook) => Add(module_post_hooks, hook);

            public HookRemover register_forward_pre_hook(Action<Module> hook) => Add(module_pre_hooks, hook);

            private HookRemover Add<T>(Dictionary<string, T> hooks, T hook)
            {
                var key = Guid.NewGuid().ToString();
                hooks.Add(key, hook);
                return new HookRemover(this, key);
            }

            private void Remove(string key)
            {
                pre_hooks.Remove(key);
                post_hooks.Remove(key);
                module_pre_hooks.Remove(key);
                module_post_hooks.Remove(key);
            }

            private protected void Run(Dictionary<string, Action<Module>> hooks)
            {
                foreach (var hook in hooks.Values) hook(this);
            }

            public class HookRemover
            {
                private readonly HookableModule<TPreHook, TPostHook> _module;
                private readonly string _key;

                public HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
                {
                    _module = module;
                    _key = key;
                }

                public void remove() => _module.Remove(_key);
            }
        }

        public interface IModule<T, TResult>
        {
            public TResult call(T input1);
        }

        public interface IModule<T1, T2, TResult>
        {
            public abstract TResult call(T1 input1, T2 input2);
        }

        public interface IModule<T1, T2, T3, TResult>
        {
            public abstract TResult call(T1 input1, T2 input2, T3 input3);
        }

        public abstract class Module<T, TResult>
            : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T input);

            public TResult call(T input)
            {
                Run(module_pre_hooks);
                foreach (var hook in pre_hooks.Values) {
                    if (hook(this, input) is { } modified) input = modified;
                }
                var result = forward(input);
                foreach (var hook in post_hooks.Values) {
                    if (hook(this, input, result) is { } modified) result = modified;
                }
                Run(module_post_hooks);
                return result;
            }
        }

        public abstract class Module<T1, T2, TResult>
            : HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>>,
              IModule<T1, T2, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2);

            public TResult call(T1 input1, T2 input2)
            {
                Run(module_pre_hooks);
                foreach (var hook in pre_hooks.Values) {
                    if (hook(this, input1, input2) is { } modified) (input1, input2) = modified;
                }
                var result = forward(input1, input2);
                foreach (var hook in post_hooks.Values) {
                    if (hook(this, input1, input2, result) is { } modified) result = modified;
                }
                Run(module_post_hooks);
                return result;
            }
        }

        public abstract class Module<T1, T2, T3, TResult>
            : HookableModule<Func<Module<T1, T2, T3, TResult>, T1, T2, T3, (T1, T2, T3)?>,
                Func<Module<T1, T2, T3, TResult>, T1, T2, T3, TResult, TResult>>,
              IModule<T1, T2, T3, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3);

            public TResult call(T1 input1, T2 input2, T3 input3)
            {
                Run(module_pre_hooks);
                foreach (var hook in pre_hooks.Values) {
                    if (hook(this, input1, input2, input3) is { } modified) (input1, input2, input3) = modified;
                }
                var result = forward(input1, input2, input3);
                foreach (var hook in post_hooks.Values) {
                    if (hook(this, input1, input2, input3, result) is { } modified) result = modified;
                }
                Run(module_post_hooks);
                return result;
            }
        }
    }
}
